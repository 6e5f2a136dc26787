/* A webcam for one process, which loads this with LD_PRELOAD: /dev/video0 as Video4Linux shows it.
 * Frames of a file come at their time, one after the other, into the buffers that are queued, the
 * longest queued first; those that find no buffer are dropped, as by a driver. After the last one
 * the camera is gone.
 *
 * CAMERA_FRAMES: file of BGR frames; CAMERA_SIZE: their WIDTHxHEIGHT; CAMERA_FPS: frames a second;
 * CAMERA_HIDES_FPS: set if it does not say how many.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAX_BUFFERS 32

static int camera = -1, frames = -1;
static unsigned width, height, fps, num_buffers;
static size_t frame_bytes, buffer_bytes;
static double begun, queued_at[MAX_BUFFERS];
static unsigned queue[MAX_BUFFERS], queue_length;
static long next_frame;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int open_camera(void)
{
    if (sscanf(getenv("CAMERA_SIZE"), "%ux%u", &width, &height) != 2)
        abort();
    fps = atoi(getenv("CAMERA_FPS"));
    frames = syscall(SYS_openat, AT_FDCWD, getenv("CAMERA_FRAMES"), O_RDONLY);
    frame_bytes = 3 * width * height;
    buffer_bytes = (frame_bytes + 4095) & ~4095ul;
    camera = memfd_create("camera", 0);
    return camera;
}

static void describe(struct v4l2_pix_format *pixels)
{
    memset(pixels, 0, sizeof *pixels);
    pixels->width = width;
    pixels->height = height;
    pixels->pixelformat = V4L2_PIX_FMT_BGR24;
    pixels->field = V4L2_FIELD_NONE;
    pixels->bytesperline = 3 * width;
    pixels->sizeimage = frame_bytes;
}

/* Waits for the first frame that comes once the longest queued buffer is there. */
static int fill_buffer(struct v4l2_buffer *buffer)
{
    if (!queue_length) {
        errno = EAGAIN;
        return -1;
    }
    unsigned index = queue[0];
    long frame = (queued_at[index] - begun) * fps;
    if (frame < next_frame)
        frame = next_frame;
    double wait = begun + (frame + 1.0) / fps - now();
    if (wait > 0)
        usleep(wait * 1e6);

    char *pixels = malloc(frame_bytes);
    int is_there = pread(frames, pixels, frame_bytes, frame * frame_bytes) == (ssize_t)frame_bytes
                   && pwrite(camera, pixels, frame_bytes, index * buffer_bytes) > 0;
    free(pixels);
    if (!is_there) {
        errno = ENODEV;
        return -1;
    }
    memmove(queue, queue + 1, --queue_length * sizeof *queue);
    next_frame = frame + 1;
    buffer->index = index;
    buffer->length = buffer_bytes;
    buffer->bytesused = frame_bytes;
    return 0;
}

static int answer(unsigned long request, void *argument)
{
    switch (request) {
    case VIDIOC_QUERYCAP: {
        struct v4l2_capability *can = argument;
        memset(can, 0, sizeof *can);
        can->capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
        return 0;
    }
    case VIDIOC_G_INPUT:
        *(int *)argument = 0;
        return 0;
    case VIDIOC_G_FMT:
    case VIDIOC_S_FMT:
        describe(&((struct v4l2_format *)argument)->fmt.pix);
        return 0;
    case VIDIOC_G_PARM:
    case VIDIOC_S_PARM: {
        if (getenv("CAMERA_HIDES_FPS"))
            break;
        struct v4l2_streamparm *parameters = argument;
        parameters->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
        parameters->parm.capture.timeperframe.numerator = 1;
        parameters->parm.capture.timeperframe.denominator = fps;
        return 0;
    }
    case VIDIOC_REQBUFS:
        num_buffers = ((struct v4l2_requestbuffers *)argument)->count;
        return num_buffers > MAX_BUFFERS ? -1 : ftruncate(camera, num_buffers * buffer_bytes);
    case VIDIOC_QUERYBUF: {
        struct v4l2_buffer *buffer = argument;
        buffer->length = buffer_bytes;
        buffer->m.offset = buffer->index * buffer_bytes;
        return 0;
    }
    case VIDIOC_QBUF: {
        unsigned index = ((struct v4l2_buffer *)argument)->index;
        queued_at[index] = now();
        queue[queue_length++] = index;
        return 0;
    }
    case VIDIOC_STREAMON:
        begun = now();
        next_frame = 0;
        return 0;
    case VIDIOC_STREAMOFF:
        queue_length = 0;
        return 0;
    case VIDIOC_DQBUF:
        return fill_buffer(argument);
    }
    errno = EINVAL;
    return -1;
}

int ioctl(int file, unsigned long request, ...)
{
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    if (file >= 0 && file == camera)
        return answer(request, argument);
    return syscall(SYS_ioctl, file, request, argument);
}

#define OPEN(name)                                                                          \
    int name(const char *path, int flags, ...)                                              \
    {                                                                                       \
        va_list rest;                                                                       \
        va_start(rest, flags);                                                              \
        int mode = va_arg(rest, int);                                                       \
        va_end(rest);                                                                       \
        if (!strcmp(path, "/dev/video0"))                                                   \
            return open_camera();                                                           \
        return syscall(SYS_openat, AT_FDCWD, path, flags, mode);                            \
    }
OPEN(open)
OPEN(open64)
