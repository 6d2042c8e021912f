/**
 * Saving containers and pods, and bringing pods back: the form of what is saved, the order of
 * freezing and saving, what is undone when it is broken off. What runs CRIU is the shim; nothing
 * here touches processes.
 */
package io.gantry.cri.checkpoint;
