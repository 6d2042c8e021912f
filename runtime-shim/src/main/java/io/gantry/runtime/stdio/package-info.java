/**
 * Where a process's standard input comes from and its output goes: pipes, terminals, FIFOs, files
 * and the CRI's log format. Nothing here starts processes or knows the Task API; descriptors come
 * from {@code io.gantry.runtime.linux}.
 */
package io.gantry.runtime.stdio;
