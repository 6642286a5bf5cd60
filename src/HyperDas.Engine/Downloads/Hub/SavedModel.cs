namespace HyperDas.Engine.Downloads.Hub;

/// <summary>What became of a download.</summary>
/// <param name="Folder">Absolute path of the folder that the model opens from.</param>
/// <param name="Commit">The commit that the files are of.</param>
/// <param name="Written">How many files were written; those that were there aren't among them.</param>
public sealed record SavedModel(string Folder, string Commit, int Written);
