/**
 * Pods: their making, stopping, removing, recovery, and the RPCs about them. Containers are known
 * here only as {@link io.gantry.cri.pod.PodContainers}, and networks only as what {@link
 * io.gantry.cri.cni} attaches.
 */
package io.gantry.cri.pod;
