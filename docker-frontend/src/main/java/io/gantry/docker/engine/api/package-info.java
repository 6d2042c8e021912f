/**
 * What every endpoint of the Engine API is made of: requests, answers, routes, errors, filters,
 * JSON. Nothing here knows how bytes come, nor what a single endpoint does.
 */
package io.gantry.docker.engine.api;
