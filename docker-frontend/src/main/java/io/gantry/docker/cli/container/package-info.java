/** Commands about containers. */
package io.gantry.docker.cli.container;
