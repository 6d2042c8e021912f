/** Commands about volumes. */
package io.gantry.docker.cli.volume;
