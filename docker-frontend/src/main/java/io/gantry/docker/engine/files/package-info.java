/**
 * The Engine API's endpoints about the files of containers: archives to and from them, what they
 * changed, all they have, images made of them.
 */
package io.gantry.docker.engine.files;
