/**
 * What the runtime says about itself and its machine: Version, Status, RuntimeConfig,
 * UpdateRuntimeConfig. Nothing here knows a pod, a container or an image.
 */
package io.gantry.cri.status;
