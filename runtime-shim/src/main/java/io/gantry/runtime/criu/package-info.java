/**
 * How CRIU is asked to save and restore processes: its command lines, its log, and what is written
 * beside its images. It is run elsewhere; nothing here knows of containers.
 */
package io.gantry.runtime.criu;
