/** Shows how long work of the engine comes along, and raises the error that it ends with. */
package io.gantry.docker.cli.progress;
