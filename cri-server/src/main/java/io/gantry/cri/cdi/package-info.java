/**
 * The Container Device Interface: reads the specifications that vendors of devices leave in
 * directories, and finds in them what a device does to a container. Nothing here changes a
 * container.
 */
package io.gantry.cri.cdi;
