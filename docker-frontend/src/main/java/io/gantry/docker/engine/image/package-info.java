/**
 * The Engine API's endpoints about images: requests of the extension API in Docker's words. Nothing
 * here decides about images; names are written as Docker writes them.
 */
package io.gantry.docker.engine.image;
