namespace Serverless.Dvc.Projects;

/// <summary>Formats paths of a project for a user whose current folder is <paramref name="Here"/>.</summary>
/// <param name="Root">The folder that contains .dvc.</param>
/// <param name="Here">The current folder.</param>
internal sealed record StagePaths(string Root, string Here)
{
    /// <summary>Formats a path like DVC: relative to the current folder, or to the root for a user outside the project.</summary>
    public string Show(string full) => !IsIn(full, Root) ? full : Relative(IsIn(Here, Root) ? Here : Root, full);

    public static string Relative(string folder, string full) => Path.GetRelativePath(folder, full).Replace('\\', '/');

    /// <summary>Returns true for the folder itself and everything in it.</summary>
    public static bool IsIn(string full, string folder) =>
        full.Length == folder.Length
            ? full == folder
            : full.StartsWith(folder, StringComparison.Ordinal) && (folder.EndsWith('/') || full[folder.Length] == '/');
}
