/**
 * JSON as the Engine API speaks it: a small tree, read and written with jackson-core's streaming
 * classes. What the documents mean is not known here.
 */
package io.gantry.docker.cli.json;
