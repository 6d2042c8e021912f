/**
 * Starting a program in a new process by a plan: what the child does between clone and execve as a
 * list of system calls, and the machine code that carries it out where no Java can run. What a
 * container's plan consists of must not be decided here.
 */
package io.gantry.runtime.launch;
