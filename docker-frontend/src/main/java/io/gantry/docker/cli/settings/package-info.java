/**
 * What the user has told before: docker's config.json, his environment, and the credentials that
 * helpers keep for him.
 */
package io.gantry.docker.cli.settings;
