/** Commands about the engine as a whole, and about the machine. */
package io.gantry.docker.cli.system;
