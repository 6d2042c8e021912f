/** Commands about images, and about the registries that they come from. */
package io.gantry.docker.cli.image;
