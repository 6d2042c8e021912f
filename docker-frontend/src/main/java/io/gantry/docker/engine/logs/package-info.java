/**
 * Containers' logs: reading and turning over the files that the runtime writes, in the CRI's form.
 * Nothing here knows HTTP.
 */
package io.gantry.docker.engine.logs;
