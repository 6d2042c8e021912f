/**
 * The runtime as the engine sees it: stubs of the CRI and of gantry.v1, and what is common to all
 * who call them. Nothing here knows the Engine API's documents.
 */
package io.gantry.docker.engine.runtime;
