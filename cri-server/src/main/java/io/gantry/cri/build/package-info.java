/**
 * Builder of gantry.v1: builds as RPCs, and their steps as pods with one container. What a
 * Dockerfile means is the image service's to know.
 */
package io.gantry.cri.build;
