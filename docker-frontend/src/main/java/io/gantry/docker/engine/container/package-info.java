/**
 * Containers as the Engine API knows them: made, started, watched, ended, looked at. Each that runs
 * is a pod of the CRI with one container. What their options mean lives in {@code options}.
 */
package io.gantry.docker.engine.container;
