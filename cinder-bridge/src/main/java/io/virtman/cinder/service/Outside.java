package io.virtman.cinder.service;

import io.virtman.cinder.cloud.ComputeService;
import io.virtman.cinder.cloud.ImageService;
import io.virtman.cinder.engine.Engine;

/** Whom the bridge talks to, besides the broker and the database. */
public record Outside(Engine engine, ImageService images, ComputeService compute) {}
