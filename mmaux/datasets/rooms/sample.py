"""One image with its labels, from a seed."""

from dataclasses import dataclass

import numpy as np

from .camera_pose import CameraPose, choose_pose, intrinsics_of, pixel_rays
from .depth_sensor import measure
from .kinds import draw_kind
from .photograph import photograph
from .placement import Room
from .room import build_room
from .scene import Scene
from .shading import shade_image
from .surface import surface_points
from .vectors import dot, lengths, turned


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
    layout, camera, light, photo, sensor = _streams(seed)
    room = build_room(layout)
    scene = Scene(room.parts)
    pose = choose_pose(camera, room, scene)
    matrix = intrinsics_of(size)
    directions = turned(pixel_rays(size), pose.axes)
    origins = np.broadcast_to(pose.position.astype(np.float32), directions.shape)
    hits = scene.cast(origins, directions)
    points = surface_points(scene, hits, origins, directions, pixel_angle=1 / matrix[0, 0])
    radiance = shade_image(light, room, scene, pose, points, directions, size)
    depth = hits.distance.reshape(size).astype(np.float32)
    normal = turned(points.normal, pose.axes.T)
    cosine = -dot(points.normal, directions) / lengths(directions)[:, 0]
    measured = measure(
        sensor,
        depth,
        focal=float(matrix[0, 0]),
        cosine=cosine.reshape(size),
        dark=scene.dark_to_infrared[points.part].reshape(size),
        gloss=scene.gloss[points.part].reshape(size),
        reflectance=points.albedo.mean(axis=1).reshape(size),
    )
    return RoomSample(
        image=photograph(photo, radiance),
        label=scene.label[points.part].reshape(size),
        depth=depth,
        measured_depth=measured,
        normal=normal.reshape(*size, 3),
        intrinsics=matrix,
        pose=pose,
        room=room,
    )


def kind_of_room(seed: tuple[int, ...]) -> str:
    """Kind of the room that :func:`render_sample` shows for a seed, without building it."""
    layout, *_ = _streams(seed)
    return draw_kind(layout)


def _streams(seed: tuple[int, ...]) -> list[np.random.Generator]:
    return [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(5)]
