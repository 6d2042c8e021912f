/**
 * Carries out Dockerfiles: stages in their order, files copied into layers, configurations, images.
 * What a step runs is run by whoever supplies the {@code StepRunner}; Dockerfiles are read by
 * {@code image.dockerfile}.
 */
package io.gantry.image.build;
