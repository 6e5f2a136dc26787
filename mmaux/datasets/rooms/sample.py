"""One image with its labels, from a seed."""

from dataclasses import dataclass

import numpy as np

from .camera_pose import CameraPose, choose_pose, intrinsics_of, pixel_rays
from .depth_sensor import measure
from .lighting import Sun, draw_sun, irradiance
from .photograph import photograph
from .room import Room, build_room
from .scene import Scene
from .surface import SurfacePoints, surface_points


@dataclass(frozen=True)
class RoomSample:
    """An image of a room and what is known about it.

    Attributes:
        image: uint8 RGB (H, W, 3).
        label: uint8 (H, W), the 13 classes of Handa et al.; every pixel has one.
        depth: float32 (H, W), metres along the optical axis, exact.
        measured_depth: float32 (H, W), as a depth camera reports it, 0 = no reading.
        normal: float32 (H, W, 3), exact; x right, y down, z away from the camera.
        intrinsics: 3x3 camera matrix.
        pose: Of the camera.
        room: What is seen.
    """

    image: np.ndarray
    label: np.ndarray
    depth: np.ndarray
    measured_depth: np.ndarray
    normal: np.ndarray
    intrinsics: np.ndarray
    pose: CameraPose
    room: Room


def render_sample(seed: tuple[int, ...], size: tuple[int, int]) -> RoomSample:
    """Build, light and photograph a room.

    Args:
        seed: Any integers; the same give the same bytes.
        size: (H, W).
    """
    streams = np.random.SeedSequence(seed).spawn(5)
    layout, camera, light, photo, sensor = (np.random.default_rng(s) for s in streams)
    room = build_room(layout)
    scene = Scene(room.parts)
    pose = choose_pose(camera, room, scene)
    matrix = intrinsics_of(size)
    directions = (pixel_rays(size) @ pose.axes).astype(np.float32)
    origins = np.broadcast_to(pose.position.astype(np.float32), directions.shape)
    hits = scene.cast(origins, directions)
    points = surface_points(scene, hits, origins, directions, pixel_angle=1 / matrix[0, 0])
    sun = draw_sun(light, room)
    arriving, visible = irradiance(light, room, scene, sun, points, size)
    radiance = _radiance(room, scene, sun, points, directions, arriving, visible)
    depth = hits.distance.reshape(size).astype(np.float32)
    normal = (points.normal @ pose.axes.T).astype(np.float32)
    length = np.linalg.norm(directions, axis=1)
    cosine = -np.einsum("ij,ij->i", points.normal, directions) / length
    measured = measure(
        sensor,
        depth,
        focal=float(matrix[0, 0]),
        cosine=cosine.reshape(size),
        dark=scene.dark_to_infrared[points.part].reshape(size),
        gloss=scene.gloss[points.part].reshape(size),
    )
    return RoomSample(
        image=photograph(photo, radiance.reshape(*size, 3)),
        label=scene.label[points.part].reshape(size),
        depth=depth,
        measured_depth=measured,
        normal=normal.reshape(*size, 3),
        intrinsics=matrix,
        pose=pose,
        room=room,
    )


def _radiance(
    room: Room,
    scene: Scene,
    sun: Sun | None,
    points: SurfacePoints,
    directions: np.ndarray,
    arriving: np.ndarray,
    visible: np.ndarray,
) -> np.ndarray:
    """Light towards the camera (N, 3): diffuse, highlights (Blinn and Phong), own light."""
    emission = scene.emission[points.part][:, None]
    lit = points.albedo * arriving
    view = -directions / np.linalg.norm(directions, axis=1, keepdims=True)
    gloss = scene.gloss[points.part]
    shiny = np.flatnonzero(gloss > 0.02)
    if len(shiny):
        normal, power = points.shading_normal[shiny], 12 + 120 * gloss[shiny]
        for light, seen in zip(room.lights, visible, strict=True):
            to_light = np.array(light.position, dtype=np.float32) - points.position[shiny]
            square = np.maximum(np.einsum("ij,ij->i", to_light, to_light), 0.1)
            half = to_light / np.sqrt(square)[:, None] + view[shiny]
            half /= np.maximum(np.linalg.norm(half, axis=1, keepdims=True), 1e-6)
            cosine = np.clip(np.einsum("ij,ij->i", half, normal), 0, 1)
            share = cosine**power * gloss[shiny] * seen[shiny] * np.float32(light.power) / square
            lit[shiny] += share[:, None] * np.array(light.colour, dtype=np.float32)
        lit[shiny] += _reflection(room, scene, points, view, shiny, arriving)
    return lit + points.albedo * emission


def _reflection(
    room: Room,
    scene: Scene,
    points: SurfacePoints,
    view: np.ndarray,
    shiny: np.ndarray,
    arriving: np.ndarray,
) -> np.ndarray:
    """What glossy surfaces mirror, in rough colours, stronger at grazing angles (Schlick)."""
    normal = points.shading_normal[shiny]
    cosine = np.clip(np.einsum("ij,ij->i", normal, view[shiny]), 0, 1)
    direction = 2 * cosine[:, None] * normal - view[shiny]
    start = points.position[shiny] + points.normal[shiny] * np.float32(3e-4)
    face = scene.cast(start, direction).face
    part = scene.face_part[face]
    colour = scene.colours.mean(axis=1)[part]
    shown = colour * (scene.emission[part][:, None] + arriving[shiny].mean(axis=1, keepdims=True))
    share = (0.04 + 0.6 * (1 - cosine) ** 5) * scene.gloss[points.part[shiny]]
    return np.where(face[:, None] >= 0, shown * share[:, None], 0)
