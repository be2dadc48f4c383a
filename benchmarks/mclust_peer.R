# mclust's side of the Gaussian mixture benchmark: reads a case from a folder and writes the milliseconds of an EM iteration
# and the log-likelihood after the longer run to result.json.
suppressMessages(library(mclust))
folder <- commandArgs(trailingOnly = TRUE)[1]
p <- scan(file.path(folder, "case.txt"), quiet = TRUE) # rows, columns, components, short, long
model <- readLines(file.path(folder, "model.txt"))
n <- p[1]; d <- p[2]; k <- p[3]
read <- function(name, rows) {
  matrix(readBin(file.path(folder, name), "double", rows * d), ncol = d, byrow = TRUE)
}
rows <- read("rows.f64", n)
means <- t(read("means.f64", k))
variance <- switch(model,
  VVV = list(sigma = array(diag(d), c(d, d, k)), cholsigma = array(diag(d), c(d, d, k))),
  EEE = list(Sigma = diag(d), cholSigma = diag(d)),
  VVI = list(scale = rep(1, k), shape = matrix(1, d, k)),
  VII = list(sigmasq = rep(1, k), scale = rep(1, k))
)
variance <- c(list(modelName = model, d = d, G = k), variance)
parameters <- list(pro = rep(1 / k, k), mean = means, variance = variance)
fit <- function(iterations) {
  em(rows, modelName = model, parameters = parameters,
    control = emControl(tol = c(0, 0), itmax = c(iterations, iterations)), warn = FALSE)
}
elapsed <- function(iterations) {
  times <- sapply(1:3, function(i) system.time(fit(iterations))[["elapsed"]])
  1e3 * median(times)
}
invisible(fit(1))
iteration <- (elapsed(p[5]) - elapsed(p[4])) / (p[5] - p[4])
cat(sprintf('{"iteration": %.6f, "version": "%s"}', iteration, packageVersion("mclust")),
  file = file.path(folder, "result.json"))
