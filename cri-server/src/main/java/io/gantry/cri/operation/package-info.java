/**
 * What the daemon is doing right now: each request in flight with what it is about, the phase it is
 * in and its age, for those who wonder why something takes so long. Nothing here does any of the
 * work, or keeps anything of a request once it has ended.
 */
package io.gantry.cri.operation;
