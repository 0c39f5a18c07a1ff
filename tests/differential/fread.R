# Reads every .csv file of a folder with data.table's fread, which finds out the delimiter and the names, and writes beside it what
# it read, without the rows that lack a value: a line of names, a line of numbers (%a, row by row), a line of labels; or "error: ...".
suppressPackageStartupMessages(library(data.table))
setDTthreads(1)
folder <- commandArgs(trailingOnly = TRUE)[1]
for (path in list.files(folder, pattern = "[.]csv$", full.names = TRUE)) {
    lines <- tryCatch({
        rows <- na.omit(suppressWarnings(fread(path, na.strings = c("NA", "", "nan", "NULL", "N/A"))))
        features <- as.matrix(rows[, -ncol(rows), with = FALSE])
        if (!is.numeric(features)) stop("a feature that is text")
        c(paste(names(rows), collapse = "\t"), paste(sprintf("%a", t(features)), collapse = "\t"),
          paste(as.character(rows[[ncol(rows)]]), collapse = "\t"))
    }, error = function(e) paste("error:", conditionMessage(e)))
    writeLines(lines, paste0(path, ".fread"))
}
