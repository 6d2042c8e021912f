/**
 * Looks at the machine and tells what gantry would miss on it, and how to get it. Nothing here
 * changes the machine, beyond what a check makes to try something out and takes away again.
 */
package io.gantry.cri.doctor;
