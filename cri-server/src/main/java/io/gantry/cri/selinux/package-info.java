/**
 * SELinux labels of containers: the policy's defaults, a category pair of each pod's own, and the
 * labelling of volumes. Whether SELinux is on is known elsewhere.
 */
package io.gantry.cri.selinux;
