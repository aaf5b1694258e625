// The clusters of two tests at once would take each other's processor time, and with it their deadlines.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
