/**
 * The daemon's end of the shims: starts them, keeps some warm, finds them again after a restart,
 * and speaks to each over its socket. It knows nothing of the CRI: pods, images and container
 * records live elsewhere.
 */
package io.gantry.cri.shims;
