/**
 * The shim process: its command line, the Task service and gantry's extension over it, the life of
 * processes, exits and events. It decides nothing about Linux itself: containers, descriptors and
 * system calls belong to the packages it stands on.
 */
package io.gantry.runtime.shim;
