namespace HyperDas.Engine.Downloads.Hub;

/// <summary>Result of a download.</summary>
/// <param name="Folder">Absolute path of the folder that the model opens from.</param>
/// <param name="Commit">The commit of the files.</param>
/// <param name="Written">Number of files written, without those that already existed.</param>
public sealed record SavedModel(string Folder, string Commit, int Written);
