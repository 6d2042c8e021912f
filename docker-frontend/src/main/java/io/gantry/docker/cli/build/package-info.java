/** Building images: the context that is sent, and what of it is left out. */
package io.gantry.docker.cli.build;
