/** Building images, and what builds keep: {@code /build} of the Engine API. */
package io.gantry.docker.engine.build;
