namespace HyperDas.Engine.Ravel;

/// <summary>The error about a file of the benchmark that isn't what it should be.</summary>
internal static class RavelFileError
{
    /// <summary>Its id.</summary>
    public const string Id = "RavelFileCorrupt";

    /// <summary>Makes it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">Where in it.</param>
    /// <param name="why">What is wrong, a clause.</param>
    public static HyperDasException Corrupt(string path, string key, string why) => new(
        Id, HyperDasErrorKind.InvalidData, $"'{path}' is damaged at \"{key}\": {why}.", path);
}
