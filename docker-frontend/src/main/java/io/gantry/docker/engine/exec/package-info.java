/**
 * Further processes in running containers: made, started with a client at their streams or without,
 * looked at. They are forgotten with the engine's process.
 */
package io.gantry.docker.engine.exec;
