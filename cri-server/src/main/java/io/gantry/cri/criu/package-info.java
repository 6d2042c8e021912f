/**
 * CRIU as this machine has it, and the form of the checkpoints made by it. Nothing here knows of
 * containers, nor runs CRIU for anything but to ask whether it works.
 */
package io.gantry.cri.criu;
