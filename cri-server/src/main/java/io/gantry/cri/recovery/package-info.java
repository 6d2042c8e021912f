/**
 * Brings the containers that an earlier daemon left behind back in line with the kernel, before the
 * first request. It decides only what became of each; how a container is watched, released and
 * removed is the business of {@link io.gantry.cri.container}.
 */
package io.gantry.cri.recovery;
