/**
 * AppArmor profiles of this node: whether one is loaded, and gantry's own default one. Nothing here
 * decides which container gets which.
 */
package io.gantry.cri.apparmor;
