/**
 * What `docker run` can say, checked and put into the words of the CRI. Pure: nothing here talks to
 * the runtime.
 */
package io.gantry.docker.engine.options;
