/**
 * Volumes that gantry makes by itself: images mounted into containers, and the anonymous volumes
 * that images ask for. Nothing here knows the rest of a container, nor talks to a shim.
 */
package io.gantry.cri.volume;
