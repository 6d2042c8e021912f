/**
 * What happens to objects, told to those who listen: the endpoint /events. Nothing here makes
 * anything happen.
 */
package io.gantry.docker.engine.event;
