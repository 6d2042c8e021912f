/**
 * Limits as the CRI writes them, and as cgroups take them. Whose limits they are, a container's or
 * a pod's, and the setting of them are no concern of this package.
 */
package io.gantry.cri.limits;
