/* save.c: a data set into files: .npz here, the others by rows. */
#include "data/npz.h"
#include "data/writer.h"
#include "spiral/dataset.h"

static SpiralStatus add_arrays(const SpiralDataset *dataset, SpiralNpzWriter *writer, SpiralError *error)
{
    const SpiralShape X_shape = {.dimensions = 2, .extent = {dataset->rows, dataset->features}};
    const SpiralShape y_shape = {.dimensions = 1, .extent = {dataset->rows}};
    const SpiralShape features_shape = {.dimensions = 1, .extent = {dataset->features}};
    const SpiralShape classes_shape = {.dimensions = 1, .extent = {dataset->classes}};
    SpiralStatus status = spiral_npz_add_doubles(writer, "X", &X_shape, dataset->X, error);
    if (status == SPIRAL_OK && dataset->y != NULL)
        status = spiral_npz_add_integers(writer, "y", &y_shape, dataset->y, error);
    if (status == SPIRAL_OK && dataset->y != NULL)
        status = spiral_npz_add_strings(writer, "classes", &classes_shape, dataset->class_names, error);
    if (status == SPIRAL_OK)
        status = spiral_npz_add_strings(writer, "features", &features_shape, dataset->feature_names, error);
    return status;
}

static SpiralStatus save_npz(const SpiralDataset *dataset, const char *path, SpiralError *error)
{
    SpiralNpzWriter *writer;
    SpiralStatus status = spiral_npz_writer_create(&writer, error);
    if (status == SPIRAL_OK)
        status = add_arrays(dataset, writer, error);
    if (status == SPIRAL_OK)
        status = spiral_npz_save(writer, path, error);
    spiral_npz_writer_free(writer);
    return status;
}

SpiralStatus spiral_dataset_save(const SpiralDataset *dataset, const char *path, SpiralError *error)
{
    if (spiral_writer_is_archive(path))
        return save_npz(dataset, path, error);
    SpiralWriter *writer;
    SpiralStatus status = spiral_writer_open(dataset, path, &writer, error);
    if (status == SPIRAL_OK)
        status = spiral_writer_add(writer, dataset->rows, dataset->X, dataset->y, error);
    if (status == SPIRAL_OK)
        return spiral_writer_commit(writer, error);
    spiral_writer_discard(writer);
    return status;
}
