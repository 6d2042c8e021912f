/**
 * Volumes with names: directories that outlive containers, their records and options, and the RPCs
 * about them. Who mounts them where is not known here.
 */
package io.gantry.cri.namedvolume;
