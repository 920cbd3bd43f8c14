using Serverless.Core;

namespace Serverless.Data.Repositories;

/// <summary>
/// Takes DVC's own lock of a repository (`.dvc/tmp/lock`, flock), so that neither DVC nor another command of this program changes it
/// meanwhile.
/// </summary>
internal static class RepositoryLock
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static IDisposable Take(Repository repository, TimeProvider clock)
    {
        var path = Path.Combine(repository.TemporaryFolder, "lock");
        Directory.CreateDirectory(repository.TemporaryFolder);
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                // On Unix, .NET takes exactly the same lock as DVC: flock, exclusive, non-blocking.
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (e.GetType() == typeof(IOException) && File.Exists(path) && e.HResult != FullDisk)
            {
                if (clock.GetElapsedTime(started) > Patience)
                {
                    throw ServerlessException.Conflict(
                        "Unable to acquire lock. Most likely another DVC process is running or was terminated abruptly.",
                        "Wait until it ends."
                    );
                }

                Task.Delay(Pause, clock).GetAwaiter().GetResult();
            }
        }
    }

    private const int FullDisk = 28;
}
